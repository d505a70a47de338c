from django.urls import path

from portal.views import batches

urlpatterns = [
    path("batches/", batches.batches, name="batches"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/files/<uuid:file_pk>/", batches.batch_file, name="batch_file"),
]

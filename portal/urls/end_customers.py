from django.urls import path

from portal.views import end_customer_changes, end_customers

urlpatterns = [
    path("end-customers/", end_customers.end_customers, name="end_customers"),
    path("end-customers/new/", end_customers.new_end_customer, name="end_customer_new"),
    path("end-customers/<uuid:pk>/", end_customers.end_customer, name="end_customer"),
    path("end-customers/<uuid:pk>/suspension/", end_customer_changes.suspension, name="end_customer_suspension"),
    path("end-customers/<uuid:pk>/restoration/", end_customer_changes.restoration, name="end_customer_restoration"),
]

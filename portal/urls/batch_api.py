"""What gateways pass on: files and batches, in the dialects of both families of SDKs."""

from django.urls import path

from portal.batch_api import batches, files, message_batches
from portal.batch_api.passed import passed_call

MESSAGES = "v1/messages/batches"

urlpatterns = [
    path("v1/files", passed_call(GET=files.listed, POST=files.create), name="v1_files"),
    path("v1/files/<str:file_id>", passed_call(GET=files.retrieve, DELETE=files.delete), name="v1_file"),
    path("v1/files/<str:file_id>/content", passed_call(GET=files.content), name="v1_file_content"),
    path("v1/batches", passed_call(GET=batches.listed, POST=batches.create), name="v1_batches"),
    path("v1/batches/<str:batch_id>", passed_call(GET=batches.retrieve), name="v1_batch"),
    path("v1/batches/<str:batch_id>/cancel", passed_call(POST=batches.cancel), name="v1_batch_cancel"),
    path(MESSAGES, passed_call(GET=message_batches.listed, POST=message_batches.create), name="v1_message_batches"),
    path(
        f"{MESSAGES}/<str:batch_id>",
        passed_call(GET=message_batches.retrieve, DELETE=message_batches.delete),
        name="v1_message_batch",
    ),
    path(f"{MESSAGES}/<str:batch_id>/cancel", passed_call(POST=message_batches.cancel), name="v1_message_batch_cancel"),
    path(f"{MESSAGES}/<str:batch_id>/results", passed_call(GET=message_batches.results), name="v1_message_results"),
]

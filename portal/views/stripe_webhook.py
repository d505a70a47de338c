from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.payments.inbox import receive
from billing.payments.signature import Forged
from billing.tasks import handle_webhook_event


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Answer 200 as soon as the event is stored; Stripe holds back invoices of endpoints that answer late."""
    try:
        receive(
            request.body,
            request.headers.get("Stripe-Signature", ""),
            enqueue=handle_webhook_event.delay,
            now=timezone.now(),
        )
    except Forged as error:
        return HttpResponse(error.detail, status=error.status, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")

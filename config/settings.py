"""Every setting of the control plane, read from the environment once, failing loudly at start."""

from datetime import timedelta
from pathlib import Path

import dj_database_url

from config import environment, logs
from config.schedule import BEAT_SCHEDULE
from config.staff_site import staff_site
from core.networks import canonical
from core.signed import parse_signing_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = environment.folder("TOLLWAY_VAR", BASE_DIR / "var")

# -- What this installation is -------------------------------------------------------------------

DEBUG = environment.flag("DEBUG")
# The demo shows the development mailbox and the test-clock button, and prints sign-ins. `make run` sets it.
DEMO = environment.flag("TOLLWAY_DEMO")
SECRET_KEY = environment.text("SECRET_KEY")
BRAND_NAME = environment.text("BRAND_NAME", "Tollway")
PORTAL_URL = environment.text("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")
GATEWAY_URL = environment.text("GATEWAY_URL", "http://127.0.0.1:8080").rstrip("/")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", PORTAL_URL)

LOGGING = logs.LOGGING
logs.configure_structlog()

# -- Keys ------------------------------------------------------------------------------------------

# The word before the first underscore of every API key; set once per installation.
KEY_BRAND = environment.text("KEY_BRAND", "tw")
# Peppers by id, "id:hex" comma-separated, newest first: new keys are hashed under the first one.
KEY_PEPPERS = environment.text("KEY_PEPPERS")

# Where GitHub publishes the keys that it signs found secrets with.
GITHUB_PUBLIC_KEYS_URL = environment.text(
    "GITHUB_PUBLIC_KEYS_URL", "https://api.github.com/meta/public_keys/secret_scanning"
)
# What a key may spend in a day from its making on, in cents, while its organization never paid; 0 is as it likes.
NEW_KEY_DAILY_CAP_CENTS = environment.whole("NEW_KEY_DAILY_CAP_CENTS", 2_500)
# A key is frozen that spends, in so many minutes, more than the floor (cents) and more than so many times the most that
# it spent in an hour of the week before; 0 minutes freeze nothing. Enabled again, it is left alone for so many hours.
VELOCITY_MINUTES = environment.whole("VELOCITY_MINUTES", 5)
VELOCITY_FLOOR_CENTS = environment.whole("VELOCITY_FLOOR_CENTS", 5_000)
VELOCITY_FACTOR = environment.whole("VELOCITY_FACTOR", 3)
VELOCITY_KNOWN_HOURS = environment.whole("VELOCITY_KNOWN_HOURS", 24)
# Addresses and networks of the proxies in front of us, whose X-Forwarded-For is believed.
TRUSTED_PROXIES = canonical(environment.words("TRUSTED_PROXIES"))

# -- Data ------------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(environment.text("DATABASE_URL"), conn_max_age=60, conn_health_checks=True)
}
REDIS_URL = environment.text("REDIS_URL")
# Jobs are queued, and pages cached, in a plain Redis, which must be another one where REDIS_URL names a cluster.
BROKER_URL = environment.plain_redis("CELERY_BROKER_URL", REDIS_URL)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": BROKER_URL}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "accounts",
    "notices",
    "catalog",
    "keys",
    "usage",
    "batches",
    "billing",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.csp.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.errors.ErrorPages",
    "portal.unprocessable.UnprocessableForms",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.portal",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "portal.templatetags.components",
                "portal.templatetags.money",
            ],
        },
    }
]

# -- People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# The e-mail address is unique by a constraint on its lower-case form.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "portal.adapter.Adapter"
ACCOUNT_FORMS = {
    "signup": "portal.forms.account.SignUpForm",
    "login": "portal.forms.account.SignInForm",
    "change_password": "portal.forms.account.OtherPasswordForm",
    "add_email": "portal.forms.account.OtherAddressForm",
    "reset_password": "portal.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "portal.forms.account.NewPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PORTAL_URL.startswith("https://")
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# -- Mail ------------------------------------------------------------------------------------------

# Without a mail server the mail is kept as files, which the demo's mailbox page shows.
MAIL_DIR = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", f"{BRAND_NAME} <hello@tollway.example>")
if environment.text("EMAIL_HOST", "-") == "-":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)
else:
    EMAIL_HOST = environment.text("EMAIL_HOST")
    EMAIL_PORT = environment.whole("EMAIL_PORT", 587)
    EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "-").removeprefix("-")
    EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "-").removeprefix("-")
    EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=True)

# -- Language, time, static files --------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- Money -----------------------------------------------------------------------------------------

# Without a key of one's own, the stripe SDK talks to the local stand-in.
STRIPE_SECRET_KEY = environment.text("STRIPE_SECRET_KEY", "-").removeprefix("-")
STRIPE_SANDBOX_URL = environment.text("STRIPE_SANDBOX_URL", "-").removeprefix("-")
STRIPE_WEBHOOK_SECRET = environment.text("STRIPE_WEBHOOK_SECRET", "-").removeprefix("-")
STRIPE_ALLOW_LIVE = environment.flag("STRIPE_ALLOW_LIVE")
# Promotional credit of a new organization, in cents.
SIGNUP_CREDIT_CENTS = environment.whole("SIGNUP_CREDIT_CENTS", 500)
# How long the renewal's draft invoice stays open for our lines, in seconds. Stripe's own window is 3600.
INVOICE_CLOSE_DELAY = timedelta(seconds=environment.whole("INVOICE_CLOSE_DELAY", 10_800))
# The legal entity that invoices are numbered for.
SELLER_NAME = environment.text("SELLER_NAME", "Tollway Demo, Inc.")
SELLER_ADDRESS = environment.text("SELLER_ADDRESS", "1 Toll Plaza, Menlo Park, CA 94025, USA")

# -- The model server ------------------------------------------------------------------------------

# Where the gateway forwards to when a model names no server of its own: any OpenAI-compatible base URL.
MODEL_SERVER_URL = environment.text("MODEL_SERVER_URL", "http://127.0.0.1:8020/v1").rstrip("/")

# -- Files and batches -------------------------------------------------------------------------------

# Hexadecimal, 32 bytes or more, the gateways' too: without it there are no files and no batches.
BATCH_SIGNING_KEY = parse_signing_key(environment.text("BATCH_SIGNING_KEY", "-").removeprefix("-"))
# Of one file, in bytes, and of all files of one project.
FILE_MAX_BYTES = environment.whole("FILE_MAX_BYTES", 100 * 1024 * 1024)
PROJECT_FILES_MAX_BYTES = environment.whole("PROJECT_FILES_MAX_BYTES", 5 * 1024 * 1024 * 1024)
BATCH_MAX_LINES = environment.whole("BATCH_MAX_LINES", 50_000)
# Lines of one batch that are at the gateway at once: interactive requests go first.
BATCH_CONCURRENCY = environment.whole("BATCH_CONCURRENCY", 8)
# A worker that was killed is replaced after as many seconds.
BATCH_LEASE_SECONDS = environment.whole("BATCH_LEASE_SECONDS", 30)
# The gateway as workers reach it, where that is another address than the public one.
BATCH_GATEWAY_URL = environment.text("BATCH_GATEWAY_URL", GATEWAY_URL).rstrip("/")

# -- Jobs ------------------------------------------------------------------------------------------

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task whose broker is gone can't be acknowledged and comes again: tasks may be cancelled and repeated anywhere.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
# Our own lines are structured already.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
# Batches have workers of their own, so that a long one keeps no invoice waiting.
CELERY_TASK_ROUTES = {"batches.tasks.*": {"queue": "batches"}}
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# -- Staff site ------------------------------------------------------------------------------------

UNFOLD = staff_site(BRAND_NAME)

# -- API -------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.AdminKey"],
    "DEFAULT_PERMISSION_CLASSES": [],  # Actions judge, by the actor that the key stands for.
    "DEFAULT_THROTTLE_CLASSES": ["portal.api.rates.PerAdminKey"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.Newest",
    "EXCEPTION_HANDLER": "portal.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{BRAND_NAME} management API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "ENUM_NAME_OVERRIDES": {
        "BudgetNode": "portal.api.budget_serializers.NODES",
        "BudgetWindow": "portal.api.budget_serializers.WINDOWS",
        "EndCustomerStatus": "accounts.models.EndCustomer.Status",
        "KeyStatus": "keys.models.ApiKey.Status",
        "Kind": "keys.models.ApiKey.Kind",
        "Environment": "keys.models.ApiKey.Environment",
        "NewKeyKind": "portal.api.serializers.MADE_BY_API",
        "NewKeyEnvironment": "portal.api.serializers.NOT_ADMIN",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.schema.add_plain_views",
    ],
}

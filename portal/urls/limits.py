from django.urls import path

from portal.views import budgets
from portal.views.limits import limits

urlpatterns = [
    path("limits/", limits, name="limits"),
    path("limits/new/", budgets.new_budget, name="budget_new"),
    path("limits/<uuid:pk>/", budgets.budget, name="budget"),
    path("limits/<uuid:pk>/removal/", budgets.budget_removal, name="budget_removal"),
]

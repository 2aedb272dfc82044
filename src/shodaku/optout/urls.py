"""Public pages of saying no; mounted at the root. Their links are in every mail."""

from __future__ import annotations

from django.urls import path

from shodaku.optout import views

urlpatterns = [
    path("o/<str:token>", views.OptOutView.as_view(), name="opt_out"),
    path("p/<str:token>", views.PreferencesView.as_view(), name="preferences"),
    path("w/<str:token>", views.WhyView.as_view(), name="why"),
]

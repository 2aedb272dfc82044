"""Behind the link of the mail that asks whether to go on; mounted at the root."""

from __future__ import annotations

from django.urls import path

from shodaku.journeys import views

urlpatterns = [path("ask/<str:token>", views.CarryOnView.as_view(), name="carry_on")]

"""Public pages of saying no; mounted at the root. Their links are in every mail."""

from __future__ import annotations

from django.urls import path

from shodaku.optout import views, webhook

urlpatterns = [
    path("o/<str:token>", views.OptOutView.as_view(), name="opt_out"),
    path("p/<str:token>", views.PreferencesView.as_view(), name="preferences"),
    path("p/<str:token>/address", views.AddressView.as_view(), name="new_address"),
    path("w/<str:token>", views.WhyView.as_view(), name="why"),
    path("inbound/sms/<slug:slug>", webhook.SmsView.as_view(), name="inbound_sms"),
    path("inbound/sms/<slug:slug>/<str:secret>", webhook.SmsView.as_view(), name="inbound_sms_by_path"),
]

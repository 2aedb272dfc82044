"""Public pages of saying no; mounted at the root. Their links are in every mail."""

from __future__ import annotations

from django.urls import path

from shodaku.optout import hooks, preference_views, views, webhook

urlpatterns = [
    path("o/<str:token>", views.OptOutView.as_view(), name="opt_out"),
    path("o/<str:token>/reason", views.ReasonView.as_view(), name="opt_out_reason"),
    path("p/<str:token>", preference_views.PreferencesView.as_view(), name="preferences"),
    path("p/<str:token>/address", preference_views.AddressView.as_view(), name="new_address"),
    path("w/<str:token>", views.WhyView.as_view(), name="why"),
    path("w/<str:token>/sheet.pdf", views.WhySheetView.as_view(), name="why_sheet"),
    path("w/<str:token>/complaint", views.ComplaintView.as_view(), name="complaint"),
    path("hooks/mail/<slug:slug>/<str:secret>", hooks.MailHookView.as_view(), name="mail_hook"),
    path("hooks/sms/<slug:slug>/<str:secret>", hooks.SmsHookView.as_view(), name="sms_hook"),
    path("inbound/sms/<slug:slug>", webhook.SmsView.as_view(), name="inbound_sms"),
    path("inbound/sms/<slug:slug>/<str:secret>", webhook.SmsView.as_view(), name="inbound_sms_by_path"),
]

"""Public pages of one's own data; mounted at the root. One is reached from the preferences, one by mail."""

from __future__ import annotations

from django.urls import path

from shodaku.complaints import views

urlpatterns = [
    path("p/<str:token>/data", views.OwnDataView.as_view(), name="own_data"),
    path("data/<str:token>", views.MailedDataView.as_view(), name="mailed_data"),
]

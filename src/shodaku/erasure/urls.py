"""The public page of the room; mounted at the root. Its links are made after an erasure, and in no mail."""

from __future__ import annotations

from django.urls import path

from shodaku.erasure import views

urlpatterns = [
    path("e/<str:link>", views.certificate, name="erasure_certificate"),
    path("e/<str:link>/certificate.json", views.proof, name="erasure_certificate_proof"),
]

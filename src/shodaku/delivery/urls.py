"""What `delivery.hits` passes on: links of mails that are none of ours; mounted at the root."""

from __future__ import annotations

from django.urls import path

from shodaku.delivery import views

urlpatterns = [path("c/<path:rest>", views.foreign_link, name="foreign_link")]

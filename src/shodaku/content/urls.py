"""Pictures of mails and the colours of public pages; mounted at the root."""

from __future__ import annotations

from django.urls import re_path

from shodaku.content import views

urlpatterns = [
    re_path(r"^brand/(?P<colour>[0-9a-f]{6})\.css$", views.colours, name="brand_colours"),
    re_path(r"^media/(?P<token>[A-Za-z0-9_-]{24})\.(?P<ending>jpg|png)$", views.picture, name="media"),
    re_path(
        r"^media/(?P<token>[A-Za-z0-9_-]{24})/small\.(?P<ending>jpg|png)$", views.small, name="media_small"
    ),
]

"""Public pages of signing up; mounted at the root."""

from __future__ import annotations

from django.urls import path

from shodaku.signup import archive_views, desk_views, display_views, views

urlpatterns = [
    path("f/<slug:workspace>/<slug:form>", views.FormView.as_view(), name="signup_form"),
    path("f/<slug:workspace>/<slug:form>/frame", views.FrameView.as_view(), name="signup_frame"),
    path("f/<slug:workspace>/<slug:form>/again", views.AgainView.as_view(), name="signup_again"),
    path("d/<str:token>", desk_views.DeskView.as_view(), name="signup_desk"),
    path("d/<str:token>/thanks", desk_views.thanks, name="signup_desk_thanks"),
    path("embed/form.js", views.embed_script, name="signup_embed"),
    path("q/<slug:workspace>/<slug:code>", views.FormView.as_view(), name="signup_poster"),
    path("archive/<slug:workspace>/<slug:topic>/", archive_views.archive, name="signup_archive"),
    path("archive/<slug:workspace>/<slug:topic>/feed.xml", archive_views.feed, name="signup_archive_feed"),
    path(
        "archive/<slug:workspace>/<slug:topic>/<int:number_id>/",
        archive_views.number,
        name="signup_back_number",
    ),
    path(
        "archive/<slug:workspace>/<slug:topic>/<int:number_id>/mail.html",
        archive_views.mail,
        name="signup_back_number_mail",
    ),
    path("legal/<slug:workspace>", display_views.display, name="signup_legal_display"),
    path("confirm/<str:token>", views.ConfirmView.as_view(), name="signup_confirm"),
]

"""Staff pages; every one of them is behind guard.allowed, but for the way in."""

from __future__ import annotations

from django.urls import path

from shodaku.console.views import (
    campaigns,
    contacts,
    deliveries,
    evidence,
    forms,
    home,
    imports,
    launching,
    person,
    running,
    settings,
    start,
    topics,
)

urlpatterns = [
    path("", start.choose, name="console_choose"),
    path("start/<str:token>/", start.start, name="console_start"),
    path("<slug:slug>/", home.home, name="console_home"),
    path("<slug:slug>/contacts/", contacts.contacts, name="console_contacts"),
    path("<slug:slug>/contacts/<int:contact_id>/", person.contact, name="console_contact"),
    path("<slug:slug>/contacts/<int:contact_id>/reveal/", person.reveal, name="console_reveal"),
    path("<slug:slug>/contacts/<int:contact_id>/refuse/", person.refuse, name="console_refuse"),
    path("<slug:slug>/topics/", topics.topics, name="console_topics"),
    path("<slug:slug>/topics/new/", topics.new, name="console_topic_new"),
    path("<slug:slug>/forms/", forms.forms, name="console_forms"),
    path("<slug:slug>/forms/new/", forms.new, name="console_form_new"),
    path("<slug:slug>/forms/<int:form_id>/", forms.form, name="console_form"),
    path("<slug:slug>/imports/", imports.imports, name="console_imports"),
    path("<slug:slug>/imports/new/", imports.new, name="console_import_new"),
    path("<slug:slug>/imports/run/", imports.bring_in, name="console_import_run"),
    path("<slug:slug>/imports/<int:batch_id>/", imports.batch, name="console_import"),
    path("<slug:slug>/imports/<int:batch_id>/rows.csv", imports.rows_file, name="console_import_rows"),
    path("<slug:slug>/campaigns/", campaigns.campaigns, name="console_campaigns"),
    path("<slug:slug>/campaigns/new/", campaigns.new, name="console_campaign_new"),
    path("<slug:slug>/campaigns/<int:campaign_id>/", campaigns.campaign, name="console_campaign"),
    path("<slug:slug>/campaigns/<int:campaign_id>/copy/", campaigns.copy, name="console_campaign_copy"),
    path("<slug:slug>/campaigns/<int:campaign_id>/test/", campaigns.test, name="console_campaign_test"),
    path(
        "<slug:slug>/campaigns/<int:campaign_id>/preview/<str:part>/",
        campaigns.preview,
        name="console_campaign_preview",
    ),
    path("<slug:slug>/campaigns/<int:campaign_id>/preflight/", launching.preflight, name="console_preflight"),
    path("<slug:slug>/campaigns/<int:campaign_id>/recount/", launching.recount, name="console_recount"),
    path("<slug:slug>/campaigns/<int:campaign_id>/held/<str:reason>/", launching.held, name="console_held"),
    path("<slug:slug>/campaigns/<int:campaign_id>/launch/", launching.launch, name="console_launch"),
    path(
        "<slug:slug>/campaigns/<int:campaign_id>/progress/",
        running.progress,
        name="console_campaign_progress",
    ),
    path("<slug:slug>/campaigns/<int:campaign_id>/pause/", running.pause, name="console_campaign_pause"),
    path("<slug:slug>/campaigns/<int:campaign_id>/resume/", running.resume, name="console_campaign_resume"),
    path("<slug:slug>/campaigns/<int:campaign_id>/cancel/", running.cancel, name="console_campaign_cancel"),
    path(
        "<slug:slug>/campaigns/<int:campaign_id>/deliveries/",
        deliveries.deliveries,
        name="console_deliveries",
    ),
    path(
        "<slug:slug>/campaigns/<int:campaign_id>/deliveries.csv",
        deliveries.deliveries_file,
        name="console_deliveries_file",
    ),
    path("<slug:slug>/erasures/", evidence.erasures, name="console_erasures"),
    path("<slug:slug>/ledger/", evidence.ledger_page, name="console_ledger"),
    path("<slug:slug>/settings/", settings.settings, name="console_settings"),
    path("<slug:slug>/settings/sender/", settings.save_sender, name="console_save_sender"),
    path("<slug:slug>/settings/opt-out/", settings.save_rule, name="console_save_rule"),
    path("<slug:slug>/settings/route/", settings.save_route, name="console_save_route"),
]

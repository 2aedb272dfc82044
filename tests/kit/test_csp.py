"""Pages are inert: one policy for all of them, and token pages leave no trace behind."""

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from shodaku.kit.ui import csp, language


def answered(response, path="/", middleware=csp.CspMiddleware, **cookies):
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    return middleware(lambda _request: response)(request)


def rules(response):
    header = response.headers["Content-Security-Policy"]
    return dict(rule.split(" ", 1) for rule in header.split("; "))


def test_every_page_allows_nothing_but_its_own_files():
    assert rules(answered(HttpResponse())) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_no_page_may_run_inline_scripts_or_styles():
    assert "unsafe" not in answered(HttpResponse()).headers["Content-Security-Policy"]


def test_no_page_tells_another_site_its_address():
    response = answered(HttpResponse())
    assert (response.headers["Referrer-Policy"], response.headers["X-Content-Type-Options"]) == (
        "same-origin",
        "nosniff",
    )


def test_a_view_adds_to_a_directive_and_never_replaces_it():
    response = answered(csp.allow(HttpResponse(), {"form-action": "https://login.example"}))
    assert rules(response)["form-action"] == "'self' https://login.example"


def test_a_view_that_adds_twice_keeps_both():
    response = csp.allow(HttpResponse(), {"frame-src": "'self'"})
    response = answered(csp.allow(response, {"frame-src": "https://preview.example"}))
    assert rules(response)["frame-src"] == "'self' https://preview.example"


def test_none_gives_way_because_it_means_nothing_beside_another_source():
    response = answered(csp.allow(HttpResponse(), {"frame-ancestors": "https://shop.example"}))
    assert rules(response)["frame-ancestors"] == "https://shop.example"


def test_what_one_page_may_do_another_may_not():
    answered(csp.allow(HttpResponse(), {"frame-src": "'self'"}))
    assert "frame-src" not in rules(answered(HttpResponse()))


def test_a_previewed_mail_keeps_its_styles_and_can_run_and_send_nothing():
    header = answered(csp.preview(HttpResponse())).headers["Content-Security-Policy"]
    assert header == csp.PREVIEW
    assert header.endswith("sandbox")
    assert "script-src" not in header


def test_a_token_page_is_stored_by_nobody_and_listed_nowhere():
    response = csp.public_page(HttpResponse())
    assert "no-store" in response.headers["Cache-Control"]
    assert "noindex" in response.headers["X-Robots-Tag"]


def chosen(response, path, **cookies):
    return answered(response, path, language.LanguageMiddleware, **cookies)


def test_a_recipient_who_chooses_a_language_gets_no_cookie():
    response = chosen(
        csp.public_page(HttpResponse()), "/o/token?lang=en", **{settings.SESSION_COOKIE_NAME: "x"}
    )
    assert (response.headers["Content-Language"], len(response.cookies)) == ("en", 0)


def test_a_visitor_without_a_session_gets_no_cookie_either():
    assert not chosen(HttpResponse(), "/s/news?lang=en").cookies


def test_a_clerk_chooses_a_language_once():
    response = chosen(HttpResponse(), "/console/?lang=en", **{settings.SESSION_COOKIE_NAME: "x"})
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_the_sign_in_page_remembers_the_language_for_what_comes_after_it():
    response = chosen(HttpResponse(), f"{settings.LOGIN_URL}?lang=en")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_the_remembered_language_holds_until_the_address_asks_for_another():
    remembered = {settings.LANGUAGE_COOKIE_NAME: "en"}
    assert chosen(HttpResponse(), "/console/", **remembered).headers["Content-Language"] == "en"
    assert chosen(HttpResponse(), "/console/?lang=ja", **remembered).headers["Content-Language"] == "ja"


def test_a_language_nobody_speaks_here_is_ignored_and_japanese_is_spoken():
    assert chosen(HttpResponse(), "/s/news?lang=xx").headers["Content-Language"] == "ja"


def test_a_public_page_follows_the_contact_unless_the_address_asks_for_another():
    spoken = []

    def view(request):
        language.follow(request, "en")
        spoken.append(request.LANGUAGE_CODE)
        return csp.public_page(HttpResponse())

    for path in ("/w/token", "/w/token?lang=ja"):
        language.LanguageMiddleware(view)(RequestFactory().get(path))
    assert spoken == ["en", "ja"]


def test_the_other_language_is_the_same_page():
    request = RequestFactory().get("/console/contacts", {"page": "2", "q": "田中", "lang": "ja"})
    assert language.in_language(request, "en") == "/console/contacts?page=2&q=%E7%94%B0%E4%B8%AD&lang=en"

"""Public pages of the ledger; mounted at the root, without sign-in. A receipt opens by its link alone."""

from __future__ import annotations

from django.urls import path

from shodaku.ledger import publication, receipts, views

urlpatterns = [
    path("verify/", views.VerifyView.as_view(), name="ledger_verify"),
    path("verify/shodaku-verify.py", views.verifier, name="ledger_verifier"),
    path("receipt/<str:token>", receipts.receipt, name="ledger_receipt"),
    path("receipt/<str:token>/proof.json", receipts.proof, name="ledger_receipt_proof"),
    path("ledger/<slug:slug>/checkpoint", publication.checkpoint, name="ledger_checkpoint"),
    path("ledger/<slug:slug>/keys", publication.keys, name="ledger_keys"),
    path("ledger/<slug:slug>/tile/entries/<path:place>", publication.entries, name="ledger_entries"),
    path("ledger/<slug:slug>/tile/<int:level>/<path:place>", publication.tile, name="ledger_tile"),
]

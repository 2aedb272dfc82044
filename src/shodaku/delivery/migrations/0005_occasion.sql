-- What a notice is written for: a workspace may say that a total opt-out ends notices of some kinds too. And a complaint by our own page.
alter table mailing add column occasion text check (occasion in ('breach_notice', 'product_update', 'follow_up'));
alter table inbound_message
    drop constraint inbound_message_via_check,
    add constraint inbound_message_via_check check (via in ('mail', 'sms', 'telephone', 'report', 'page'));

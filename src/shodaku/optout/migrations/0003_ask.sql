-- An act on many people may ask them whether to go on; why somebody was not asked is told, in the preview by count and afterwards by person.
alter table bulk_act drop constraint bulk_act_act_check, add constraint bulk_act_act_check check (act in ('stop', 'erase', 'ask'));
alter table bulk_act add column reasons jsonb not null default '{}';  -- at the preview: how many are left out, by reason
alter table bulk_person add column reason text;                       -- of who was left out; null: the act's own, or changed

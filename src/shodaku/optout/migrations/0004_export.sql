-- People chosen on the list may be taken along as a file: that too is an act on many people, with its preview.
alter table bulk_act drop constraint bulk_act_act_check, add constraint bulk_act_act_check check (act in ('stop', 'erase', 'ask', 'export'));

-- What a workspace says on the page of opting out, before and after the press, in both languages; and which notices a total no ends.
alter table workspace
    add column opt_out_note_en text not null default '',
    add column opt_out_after text not null default '', add column opt_out_after_en text not null default '',
    add column opt_out_ends text[] not null default '{}'
        check (opt_out_ends <@ array['product_update', 'follow_up']);  -- no breach is ever kept from anybody

-- A taken short name gives no row.
insert into workspace (slug, name, locale, second_factor_required, created_at)
values (%(slug)s, %(name)s, %(locale)s, %(second_factor_required)s, %(now)s)
on conflict (slug) do nothing
returning workspace_id, slug, name, locale, timezone, on_opt_out, opt_out_note, opt_out_note_en, opt_out_after, opt_out_after_en, opt_out_ends, second_factor_required, b2c_mail_order

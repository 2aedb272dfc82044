-- By the short name that stands in public addresses.
select workspace_id, slug, name, locale, timezone, on_opt_out, opt_out_note, opt_out_note_en, opt_out_after, opt_out_after_en, opt_out_ends, second_factor_required, b2c_mail_order from workspace where slug = %(slug)s

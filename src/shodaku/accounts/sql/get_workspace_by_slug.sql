-- By the short name that stands in public addresses.
select workspace_id, slug, name, locale, timezone, on_opt_out, opt_out_note, second_factor_required, b2c_mail_order from workspace where slug = %(slug)s

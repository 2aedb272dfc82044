-- What is promised from now on; the short name stands in addresses and stays.
update topic set name = %(name)s, name_en = %(name_en)s, content = %(content)s, purpose = %(purpose)s,
       frequency_max = %(frequency_max)s, frequency_per = %(frequency_per)s, double_opt_in = %(double_opt_in)s,
       valid_months = %(valid_months)s
where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s

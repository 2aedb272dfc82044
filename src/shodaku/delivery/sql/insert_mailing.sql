-- A frozen content; nothing of it changes after this but its state.
insert into mailing (workspace_id, kind, message_class, ads, promotional, topic_id, channel, sender_id, state, week, subject, text, html, links,
                     subject_id, frequency_max, frequency_per, double_opt_in,
                     purpose, about, first_issue, is_reply, paid_content, open_pixel, subject_without_ads, text_without_ads, html_without_ads, occasion, starts_at, sender_version, launched_at)
values (%(workspace_id)s, %(kind)s, %(message_class)s, %(ads)s, %(promotional)s, %(topic_id)s, %(channel)s, %(sender_id)s, 'running', %(week)s,
        %(subject)s, %(text)s, %(html)s, %(links)s, %(subject_id)s, %(frequency_max)s, %(frequency_per)s, %(double_opt_in)s,
        %(purpose)s, %(about)s, %(first_issue)s, %(is_reply)s, %(paid_content)s, %(open_pixel)s, %(subject_without_ads)s, %(text_without_ads)s, %(html_without_ads)s, %(occasion)s, %(starts_at)s, %(sender_version)s, %(now)s)
returning mailing_id

-- Sent mailings that show a picture, newest first; the page says that there are more.
select mailing_id from shown_picture
where workspace_id = %(workspace_id)s and image_id = %(image_id)s
order by mailing_id desc limit %(most)s

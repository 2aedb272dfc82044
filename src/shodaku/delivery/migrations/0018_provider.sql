-- A route may be the program of a mail provider, spoken to by HTTP; username is what the provider calls an account, the key lies where a password does.
alter table route
    add column kind text not null default 'smtp' check (kind in ('smtp', 'ses', 'sendgrid', 'mailgun', 'postmark', 'brevo')),
    add column signs_for text[] not null default '{}';     -- From domains that it signs for with DKIM, as somebody said: it may take over their mails

-- What shape the tables have.
select app || '.' || name from django_migrations order by 1

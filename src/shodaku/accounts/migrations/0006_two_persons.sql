-- A launch to more people than this needs a second person's yes; null: one person is enough.
alter table workspace add column two_persons_above int check (two_persons_above >= 0);

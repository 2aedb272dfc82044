-- Who may connect where, said a second time beside pg_hba.conf; all of PUBLIC's rights go, so nobody makes temporary tables either.
revoke all on database postgres, template1, shodaku, vault from public;
grant connect on database shodaku to shodaku_app;

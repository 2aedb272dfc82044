-- Whoever comes while we wait waits behind us, people who opt out too: so not for long. The rotation tries again.
set local lock_timeout = '1s'

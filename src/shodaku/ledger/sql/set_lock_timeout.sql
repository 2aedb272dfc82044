-- Who waits longer stands in the way of every new consent.
set local lock_timeout = '5s'

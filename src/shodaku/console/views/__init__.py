"""One module a screen: views read selectors, call one service, and answer."""

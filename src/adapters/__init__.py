"""What implements the ports of bizcore and the contexts: databases, stores, brokers, the embedded servers."""

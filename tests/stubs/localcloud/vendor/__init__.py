"""The vendor's own models of requests and answers, and whether what we take and give is what they say."""

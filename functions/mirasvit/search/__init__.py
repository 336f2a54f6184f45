"""Magento's searchCriteria: from a query string to a page of records."""

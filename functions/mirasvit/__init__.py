"""The Mirasvit Follow Up Email dialect: unsubscriptions on Magento 2."""

"""Making a description visible to more people is proposed by one person and approved by another (issue: approval)."""

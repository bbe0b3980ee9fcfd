"""Finding people, joining pathways, linking case records, stating reasons: what their pages show, computed purely."""

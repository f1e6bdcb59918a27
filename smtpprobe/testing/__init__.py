"""What users and the project itself test with: scripted servers, zones, the case loader."""

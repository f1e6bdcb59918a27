"""Why a server refused: rejections and evidence in, verdicts out."""

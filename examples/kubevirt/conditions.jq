# The conditions of a VM instance, with that of stopcopy ($condition) in the place of KubeVirt's own.
(.status.conditions // [])
| map(select(.type != $condition[0].type)) + $condition
| (map(.type | length) | max) as $width
| .[]
| "\(.type)\(" " * ($width - (.type | length)) // "")  \(.status)"
  + (if .reason then "  \(.reason)" else "" end)
  + (if .message then "  \(.message)" else "" end)

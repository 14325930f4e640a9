// "Did you mean": the nearest name by edit distance.
#include "vm.h"

#include <string.h>

// Levenshtein distance with neighbour transposition counted as one edit; texts over 63 bytes are never near.
static int distance(const char *a, const char *b) {
  size_t n = strlen(a), m = strlen(b);
  if (n > 63 || m > 63) return 99;
  int rows[3][64];
  for (size_t j = 0; j <= m; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= n; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= m; j++) {
      int best = above[j - 1] + (a[i - 1] != b[j - 1]);
      if (above[j] + 1 < best) best = above[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
      row[j] = best;
    }
  }
  return rows[n % 3][m];
}

const char *crv_suggest(const char *name, const char *names) {
  const char *best = NULL;
  size_t size = strnlen(name, 64);
  if (size == 64) return NULL;
  int nearest = size <= 3 ? 2 : 3;   // exclusive: one edit for short names, two for others
  for (const char *candidate = names; *candidate; candidate += strlen(candidate) + 1) {
    int edits = distance(name, candidate);
    if (edits < nearest) {
      nearest = edits;
      best = candidate;
    }
  }
  return best;
}

// Files built into the program. The list stands in assets.c.
#ifndef FETTLE_ASSETS_H
#define FETTLE_ASSETS_H
#include <stddef.h>

/// How many files there are.
size_t fettle_asset_count(void);
/// The name of file `index`, or NULL past the end.
const char *fettle_asset_name(size_t index);
/// The bytes of file `index` and, in `size`, how many; NULL past the end.
const void *fettle_asset_data(size_t index, size_t *size);
#endif

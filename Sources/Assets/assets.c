#include "Assets.h"
const unsigned char a[] = {
#embed "assets.c"
};
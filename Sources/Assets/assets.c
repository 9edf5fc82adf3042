// Every file that the program carries, embedded by C23's #embed.
// A new file needs two lines: its bytes below, its name in the table at the end.
#include "include/Assets.h"

#define BYTES static const unsigned char

BYTES fettle_css[] = {
#embed "static/fettle.css"
};
BYTES icons_svg[] = {
#embed "static/icons.svg"
};
BYTES mark_svg[] = {
#embed "static/mark.svg"
};
BYTES kit_en[] = {
#embed "strings/kit.en.txt"
};
BYTES kit_hans[] = {
#embed "strings/kit.zh-Hans.txt"
};
BYTES kit_hant[] = {
#embed "strings/kit.zh-Hant.txt"
};
BYTES text_en[] = {
#embed "strings/text.en.txt"
};
BYTES text_hans[] = {
#embed "strings/text.zh-Hans.txt"
};
BYTES text_hant[] = {
#embed "strings/text.zh-Hant.txt"
};
BYTES servicelevels_en[] = {
#embed "strings/servicelevels.en.txt"
};
BYTES servicelevels_hans[] = {
#embed "strings/servicelevels.zh-Hans.txt"
};
BYTES servicelevels_hant[] = {
#embed "strings/servicelevels.zh-Hant.txt"
};

static const struct {
    const char *name;
    const void *data;
    size_t size;
} files[] = {
#define FILE(name, symbol) {name, symbol, sizeof symbol}
    FILE("static/fettle.css", fettle_css),
    FILE("static/icons.svg", icons_svg),
    FILE("static/mark.svg", mark_svg),
    FILE("strings/kit.en.txt", kit_en),
    FILE("strings/kit.zh-Hans.txt", kit_hans),
    FILE("strings/kit.zh-Hant.txt", kit_hant),
    FILE("strings/text.en.txt", text_en),
    FILE("strings/text.zh-Hans.txt", text_hans),
    FILE("strings/text.zh-Hant.txt", text_hant),
    FILE("strings/servicelevels.en.txt", servicelevels_en),
    FILE("strings/servicelevels.zh-Hans.txt", servicelevels_hans),
    FILE("strings/servicelevels.zh-Hant.txt", servicelevels_hant),
};

size_t fettle_asset_count(void) { return sizeof files / sizeof files[0]; }

const char *fettle_asset_name(size_t index) {
    return index < fettle_asset_count() ? files[index].name : NULL;
}

const void *fettle_asset_data(size_t index, size_t *size) {
    if (index >= fettle_asset_count()) return NULL;
    *size = files[index].size;
    return files[index].data;
}

// A gap as on_gap sees it: a read-only value with four fields, valid as long as the rule keeps it.
#include "vm.h"

#include <string.h>

typedef struct { int64_t from, to; bool backfilled; } gap_box;   // the feed's name is its user value

static const char gap_fields[] = "from\0to\0backfilled\0source\0";

const char *crv_gap_field_names(void) { return gap_fields; }

static int gap_index(lua_State *L) {
  const gap_box *box = lua_touserdata(L, 1);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  if (strcmp(name, "from") == 0) return lua_pushinteger(L, box->from), 1;
  if (strcmp(name, "to") == 0) return lua_pushinteger(L, box->to), 1;
  if (strcmp(name, "backfilled") == 0) return lua_pushboolean(L, box->backfilled), 1;
  if (strcmp(name, "source") == 0) return lua_getiuservalue(L, 1, 1), 1;
  const char *near = crv_suggest(name, gap_fields);
  if (near) return luaL_error(L, "a gap has no field '%s' (did you mean '%s'?)", name, near);
  return luaL_error(L, "a gap has no field '%s'", name);
}

static int gap_newindex(lua_State *L) { return luaL_error(L, "a gap is read-only"); }

void crv_gap_push(lua_State *L, const crv_gap *gap) {
  gap_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (gap_box){gap->from, gap->to, gap->backfilled != 0};
  lua_pushlstring(L, gap->source ? gap->source : "", gap->source ? gap->source_count : 0);
  lua_setiuservalue(L, -2, 1);
  if (luaL_newmetatable(L, "gap")) {
    lua_pushcfunction(L, gap_index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, gap_newindex);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

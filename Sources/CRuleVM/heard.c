// A signal of another rule as on_signal gets it: a plain table of its own, which a rule may keep.
#include "vm.h"

static const char heard_fields[] =
  "id\0rule\0severity\0title\0key\0market\0token\0side\0user\0action\0data\0seq\0t\0confidence\0late\0warming\0data_gap\0"
  "evidence\0";

const char *crv_heard_field_names(void) { return heard_fields; }

static void set_text(lua_State *L, const char *name, crv_text text) {
  if (!text.bytes) return;
  lua_pushlstring(L, text.bytes, text.count);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, int value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

void crv_heard_push(lua_State *L, const crv_heard *heard) {
  luaL_checkstack(L, 8, "the signal");
  lua_createtable(L, 0, 18);
  set_text(L, "id", heard->id);
  set_text(L, "rule", heard->rule);
  set_text(L, "severity", heard->severity);
  set_text(L, "title", heard->title);
  set_text(L, "key", heard->key);
  set_text(L, "market", heard->market);
  set_text(L, "token", heard->token);
  set_text(L, "side", heard->side);
  set_text(L, "user", heard->user);
  set_text(L, "action", heard->action);
  set_integer(L, "seq", heard->seq);
  set_integer(L, "t", heard->time);
  set_flag(L, "late", heard->late);
  set_flag(L, "warming", heard->warming);
  set_flag(L, "data_gap", heard->data_gap);
  if (heard->confidence >= 0) {
    lua_pushnumber(L, heard->confidence);
    lua_setfield(L, -2, "confidence");
  }
  if (heard->data.bytes) {
    crv_push_json(L, heard->data.bytes, heard->data.count);
    lua_setfield(L, -2, "data");
  }
  lua_createtable(L, (int)heard->evidence_count, 0);
  for (size_t i = 0; i < heard->evidence_count; i++) {
    lua_pushinteger(L, heard->evidence[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "evidence");
}

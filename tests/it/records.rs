//! Records: CRUD, values, relations.

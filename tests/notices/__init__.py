"""What people are told, by the bell, by mail and by their calendars."""

from doorstep.kernel.declarations.registers import declare
from tests.web import declared

declare(declared.SLOW_UNITS)

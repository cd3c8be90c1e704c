"""The list of everything that can be wrong with a package, and the collector that the reading fills.

A code is the stable name of a problem: tests, tools and `courses/README.md` use it. The sentence that goes with a
problem is written where the problem is found, because only there the cause and the way out are known.
"""

from __future__ import annotations

from collections.abc import Iterable

from webapp.coursepack.model import Problem, Severity

# Code → what it means, as the table of courses/README.md says it. Errors first, then warnings, then notes.
ERRORS = {
    # the folder
    "bad_slug": "El nombre de la carpeta del curso no sirve como dirección",
    "missing_file": "Falta un archivo que el curso nombra",
    "bad_name": "El nombre de un archivo o carpeta no sirve como dirección",
    "misplaced_file": "Un archivo está en una carpeta donde no se lee",
    "symlink": "Hay un enlace simbólico; el paquete solo lleva archivos",
    "not_a_file": "Hay algo que no es archivo ni carpeta",
    "unreadable": "El sistema no deja leer el archivo",
    "too_deep_folder": "Hay carpetas dentro de carpetas, más de las que se leen",
    "file_too_large": "Un archivo pasa del tamaño permitido",
    "package_too_large": "El paquete completo pasa del tamaño permitido",
    "too_many_files": "El paquete tiene demasiados archivos",
    "not_utf8": "El texto no está guardado en UTF-8",
    "control_character": "El texto trae caracteres invisibles que no se permiten",
    "unknown_asset_type": "El material es de un tipo que no se publica",
    "wrong_content": "El contenido del archivo no es lo que dice su extensión",
    "broken_svg": "El SVG no es XML bien formado",
    "unsafe_svg": "El SVG trae código, enlaces o referencias de fuera",
    # YAML
    "yaml_syntax": "El YAML no se puede leer",
    "yaml_alias": "El YAML usa anclas o alias (& y *)",
    "yaml_tag": "El YAML usa etiquetas de tipo (!)",
    "yaml_depth": "El YAML está anidado de más",
    "yaml_size": "El YAML tiene demasiados elementos",
    "yaml_documents": "El archivo trae varios documentos YAML",
    "duplicate_key": "Una clave se repite",
    "bad_key": "Una clave no es un texto simple",
    # what a file must hold
    "empty_file": "El archivo está vacío",
    "missing_key": "Falta una clave obligatoria",
    "unknown_key": "Una clave no existe",
    "wrong_kind": "Donde va un texto hay una lista, o al revés",
    "bad_value": "Un valor no tiene la forma pedida",
    "out_of_range": "Un número está fuera de los límites",
    "too_short": "Un texto o una lista no llega al mínimo",
    "too_long": "Un texto o una lista pasa del máximo",
    "unknown_type": "Ese tipo de pregunta o de hueco no existe",
    "repeated_item": "Un elemento se repite en una lista",
    # the course
    "duplicate_step": "Dos pasos del curso tienen la misma clave",
    "reserved_key": "La clave de un paso está reservada por la plataforma",
    "duplicate_module": "Dos módulos tienen el mismo id",
    "bank_too_small": "El banco no alcanza para la selección que se pide",
    "unknown_tag": "Una etiqueta del banco no es la clave de una lección",
    # questions
    "duplicate_question": "Dos preguntas del archivo tienen el mismo id",
    "duplicate_option": "Dos opciones de la pregunta dicen lo mismo",
    "right_options": "El número de opciones correctas no es el que pide el tipo",
    "one_right_side": "Todas las parejas llevan a la misma respuesta",
    "duplicate_mistake": "Un error común también es una respuesta correcta, o se repite",
    "no_blanks": "El texto con huecos no tiene huecos",
    "unknown_blank": "El texto usa un hueco que no se define",
    "unused_blank": "Se define un hueco que el texto no usa",
    "repeated_blank": "El texto usa dos veces el mismo hueco",
    "blank_inside_markup": "Un hueco está dentro de una negrita o de un enlace",
    "blank_outside_text": "Hay un hueco fuera de la clave text de una pregunta cloze",
    "cloze_block": "El texto con huecos trae algo que no es un párrafo",
    # labs
    "unknown_format": "No hay un formato con ese id en _formats",
    "unknown_column": "El formato no tiene esa columna o esa tabla",
    "unsolved_lab": "La solución de la práctica no pasa la revisión del formato",
    "unseedable_lab": "No se pueden sembrar tantos errores en ese formato",
    # interactive packages
    "package_content": "La carpeta del material no trae un solo content.zip o content.h5p",
    "archive_damaged": "El archivo del material está vacío, dañado, o mide otra cosa de lo que declara",
    "archive_size": "El archivo del material pasa del tamaño permitido",
    "archive_entries": "El archivo del material trae demasiados archivos",
    "archive_unpacked": "El material desempacado pasa del tamaño permitido",
    "archive_ratio": "Un archivo del material está comprimido de más",
    "archive_name": "Un archivo del material tiene un nombre que no se admite",
    "archive_link": "El material trae un enlace o un dispositivo",
    "archive_repeated": "El material trae dos archivos con el mismo nombre",
    "archive_encrypted": "El material tiene contraseña",
    "archive_method": "El material está comprimido de una forma que no se lee",
    "archive_too_complex": "Revisar el material pide más memoria o tiempo del que se da",
    "no_manifest": "El material SCORM no trae imsmanifest.xml en la raíz",
    "manifest_broken": "El manifiesto no se puede leer",
    "manifest_version": "El manifiesto no es de SCORM 1.2 ni 2004",
    "manifest_sco": "El manifiesto no trae una sola actividad",
    "manifest_href": "El manifiesto abre algo que no está en el material",
    "h5p_broken": "El H5P no se puede leer",
    "h5p_libraries": "El H5P no trae sus bibliotecas",
    # text
    "front_matter": "La lección no empieza con su ficha entre dos líneas ---",
    "missing_alt": "Una imagen no tiene texto alternativo",
    "missing_asset": "Se usa un material que no está en el paquete",
    "not_captions": "Los subtítulos de un video no son un archivo .vtt",
    "not_an_image": "Se muestra como imagen un material que no lo es",
    "bad_link": "Un enlace no es https, ni a una lección, ni a un material",
    "unknown_lesson": "Un enlace lleva a una lección que no está en el curso",
    "unknown_callout": "Ese tipo de recuadro no existe",
    "unclosed_callout": "Un recuadro no se cierra con :::",
    "heading_in_question": "Una pregunta trae un encabezado",
    "footnote_in_question": "Una pregunta trae notas al pie",
    "unknown_footnote": "Se llama a una nota al pie que no está escrita",
    "too_deep": "El texto anida listas o citas de más",
    # law
    "bad_citation": "Una cita no está escrita como se pide",
    "unknown_norm": "Se cita una norma que no está en _norms",
    "unknown_article": "La norma no tiene ese artículo",
    "unknown_fraction": "El artículo no tiene esa fracción",
    "duplicate_article": "Un artículo se repite en la norma",
    "norm_name": "El id de la norma no coincide con el nombre de su archivo",
    "norm_dates": "Las fechas de la norma se contradicen",
    # paths
    "path_name": "El nombre del archivo de una ruta no sirve como dirección",
    "unknown_course": "La ruta nombra un curso que no está en la carpeta",
    "repeated_course": "La ruta nombra dos veces el mismo curso",
    # the list itself
    "too_many_problems": "Hay más problemas de los que se muestran",
}
WARNINGS = {
    "unknown_file": "Hay un archivo que no se usa ni se publica",
    "unused_lesson": "Una lección no está en ningún módulo",
    "unused_quiz": "Un cuestionario no se usa en el curso",
    "unused_lab": "Una práctica no está en ningún módulo",
    "unused_package": "Un material interactivo no está en ningún módulo",
    "sequencing_ignored": "Las reglas de secuencia del material no se aplican",
    "package_without_exam": "Sin examen, la constancia descansa en lo que el material dice de sí mismo",
    "unused_asset": "Un material no se usa en ninguna parte",
    "video_without_captions": "Un video no tiene subtítulos",
    "html_in_text": "Hay etiquetas HTML; se verán como texto",
    "heading_jump": "Un encabezado se salta un nivel",
    "unknown_check_tag": "Una etiqueta de un repaso no es la clave de una lección",
    "lesson_without_questions": "El diagnóstico no puede eximir una lección: no tiene preguntas en el banco",
    "bank_too_small_for_both": "El banco no alcanza para que el examen no repita preguntas del diagnóstico",
    "uneven_forms": "El diagnóstico y el examen no son parejos en dificultad",
    "bare_question": "A una pregunta le falta retroalimentación, explicación o fuente",
    "bank_too_small_for_attempts": "Los intentos del examen repetirán casi todas las preguntas",
    "guessable_by_length": "Elegir siempre la opción más larga o más corta acierta más que el azar",
    "guessable_by_position": "Elegir siempre el mismo lugar acierta más que el azar",
    "guessable_truth": "Casi todas las afirmaciones son verdaderas, o casi todas falsas",
    "catch_all_option": "Una opción remite a las demás, y las opciones cambian de orden",
    "norm_outside_frame": "Se cita una norma que no está en el marco legal del curso",
    "norm_not_in_force": "Se cita una norma que ya no estaba vigente en la fecha de revisión",
    "minutes_off": "Los minutos de una lección no van con su extensión",
    "hours_off": "Las horas del curso no van con la suma de sus minutos",
}
NOTES = {
    "readability": "Facilidad de lectura de una lección (escala INFLESZ)",
}
CODES: dict[str, str] = {**ERRORS, **WARNINGS, **NOTES}

MOST_PROBLEMS = 1000


class Report:
    """Collects the problems of a package. `inside` gives a view on one file; all views share one list."""

    def __init__(self, file: str = "", problems: list[Problem] | None = None) -> None:
        self.file = file
        self._problems: list[Problem] = [] if problems is None else problems

    def inside(self, file: str) -> Report:
        """Return a collector that writes into the same list under another file name."""
        return Report(file, self._problems)

    def add(self, code: str, message: str, line: int = 0) -> None:
        """Note a problem of this file. Its severity follows from the code."""
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(code, message, self.file, line, severity_of(code)))
        elif len(self._problems) == MOST_PROBLEMS:
            text = f"Hay más de {MOST_PROBLEMS} problemas; corrige los primeros y vuelve a revisar."
            self._problems.append(Problem("too_many_problems", text, self.file, line))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take over problems that were found elsewhere."""
        self._problems.extend(problems)

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far stops publication."""
        return any(problem.severity == "error" for problem in self._problems)

    def in_order(self) -> list[Problem]:
        """Return the problems by file and line, each one once."""
        return sorted(dict.fromkeys(self._problems), key=lambda p: (p.file, p.line, p.code, p.message))


def severity_of(code: str) -> Severity:
    """Return the severity of a code; an unknown code is a mistake of ours and raises KeyError."""
    if code in ERRORS:
        return "error"
    if code in WARNINGS:
        return "warning"
    if code in NOTES:
        return "info"
    raise KeyError(code)

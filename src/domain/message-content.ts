/**
 * What a message says, as its row keeps it. Texts are filled in when the message is planned: what a person changes
 * later does not change what was asked for.
 *
 * `text` may have an approved template beside it (`template_id`), whose body takes `parameters`: the text goes out
 * inside the service window, the template outside. `template` is sent as the template at any time. The other kinds are
 * free-form, and only possible inside the window. `email` goes by mail, as text and, made of the same text, as HTML.
 */
export type MessageContent =
  | { type: 'text'; body: string; parameters?: string[] }
  | { type: 'template'; parameters: string[]; header?: TemplateHeader; buttons?: TemplateButton[] }
  | { type: 'buttons'; body: string; header?: string; footer?: string; buttons: { id: string; title: string }[] }
  | {
      type: 'list';
      body: string;
      button: string;
      header?: string;
      footer?: string;
      sections: { title?: string; rows: { id: string; title: string; description?: string }[] }[];
    }
  | { type: 'document'; link: string; filename?: string; caption?: string }
  | { type: 'image'; link: string; caption?: string }
  | EmailContent;

export type EmailContent = { type: 'email'; subject: string; body: string };

export type TemplateHeader =
  | { type: 'text'; text: string }
  | { type: 'document'; link: string; filename?: string }
  | { type: 'image'; link: string };
export type TemplateButton =
  | { type: 'quick_reply'; index: number; payload: string }
  | { type: 'url'; index: number; text: string };
